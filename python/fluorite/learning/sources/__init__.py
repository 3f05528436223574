"""From documents and code to chunks, without the secrets in them."""
