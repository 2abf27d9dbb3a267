"""One model of findings -> HTML, XLSX, CSV and figures."""
