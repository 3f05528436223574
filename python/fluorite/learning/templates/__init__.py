"""From a folder of templates to chunks."""
