// Shows the API's own description; everything comes from this station.
window.addEventListener("DOMContentLoaded", () => {
  window.SwaggerUIBundle({ url: "/api/openapi.json", dom_id: "#docs", deepLinking: true, docExpansion: "none", filter: true, validatorUrl: null });
});
