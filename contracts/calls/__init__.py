"""What may be asked of each service, and what it gives back: one module a service.

The service validates by these schemas and the gateway publishes the same ones in its OpenAPI
document, so that there is one description of each call.
"""
