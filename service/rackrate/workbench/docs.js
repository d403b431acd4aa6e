// The contract as pages, with a request to try at each operation; nothing leaves this origin.
window.SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#contract",
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    defaultModelRendering: "model",
    displayRequestDuration: true,
    queryConfigEnabled: false,
    syntaxHighlight: false,
    tryItOutEnabled: true,
    validatorUrl: null,
});
