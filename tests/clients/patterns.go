// Compile each line of standard input as a pattern; the first that RE2 does not take is an error.
package main

import (
	"bufio"
	"log"
	"os"
	"regexp"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if _, err := regexp.Compile(lines.Text()); err != nil {
			log.Fatal(err)
		}
	}
}
