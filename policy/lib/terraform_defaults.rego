# METADATA
# title: Defaults of Terraform's providers
# description: |
#   What a provider takes where a resource leaves an attribute out, for those attributes whose default is the fault. Each
#   entry has the version of the provider whose documentation says so. A plan has the values themselves.
package kpolicy.lib.terraform_defaults

# By type, or type and block, and attribute.
table := {
	"aws_ecr_repository": {"image_tag_mutability": {
		"value": "MUTABLE",
		"provider": "aws 6.0",
		"source": "https://registry.terraform.io/providers/hashicorp/aws/6.0.0/docs/resources/ecr_repository",
	}},
	"aws_eks_cluster.vpc_config": {"endpoint_public_access": {
		"value": true,
		"provider": "aws 6.0",
		"source": "https://registry.terraform.io/providers/hashicorp/aws/6.0.0/docs/resources/eks_cluster",
	}},
	"azurerm_storage_account": {"allow_nested_items_to_be_public": {
		"value": true,
		"provider": "azurerm 4.0",
		"source": "https://registry.terraform.io/providers/hashicorp/azurerm/4.0.0/docs/resources/storage_account",
	}},
}

# The value of an attribute, or else its default; null is a value that is left out.
value(type, block, field) := block[field] if object.get(block, field, null) != null

value(type, block, field) := table[type][field].value if object.get(block, field, null) == null
