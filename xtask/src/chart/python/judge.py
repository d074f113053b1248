"""Prints the documents of a YAML file as JSON; with a Kubernetes version, first holds each to its schema."""

import json
import sys

import kubernetes_validate
import yaml

# Kinds that an operator of its own brings; no schema of theirs is bundled.
FOREIGN = {"monitoring.coreos.com/v1"}


def main(file, version=None):
    with open(file, encoding="utf-8") as text:
        documents = [document for document in yaml.safe_load_all(text) if document]
    for document in documents if version else []:
        name = f"{document.get('kind')}/{document.get('metadata', {}).get('name')}"
        if document.get("apiVersion") in FOREIGN:
            continue
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            where = ".".join(str(part) for part in error.path)
            sys.exit(f"{name} is no object of Kubernetes {version}: {where}: {error.message}")
        except kubernetes_validate.SchemaNotFoundError as error:
            sys.exit(f"{name} is not known to Kubernetes {version}: {error}")
    json.dump(documents, sys.stdout)


main(*sys.argv[1:])
