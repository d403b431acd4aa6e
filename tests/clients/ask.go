// Post a deal by the client that openapi-generator makes, for a summary and for all; print two figures of each.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"rackrate"
)

func main() {
	url, file := os.Args[1], os.Args[2]
	text, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	var deal rackrate.Deal
	if err := json.Unmarshal(text, &deal); err != nil {
		log.Fatal(err)
	}
	settings := rackrate.NewConfiguration()
	settings.Servers = rackrate.ServerConfigurations{{URL: url}}
	call := rackrate.NewAPIClient(settings).UnderwritingsAPI.UnderwriteDeal(context.Background()).Deal(deal)
	for _, asked := range []rackrate.ApiUnderwriteDealRequest{call.Fields([]string{"summary"}), call} {
		answer, _, err := asked.Execute()
		if err != nil {
			log.Fatal(err)
		}
		figures, err := json.Marshal([]float64{answer.Summary.Principal, *answer.Summary.Dscr.Closing.Get()})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(figures))
	}
}
