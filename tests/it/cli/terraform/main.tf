variable "acl" {
  default = "public-read"
}

module "store" {
  source   = "./modules/store"
  for_each = toset(["logs", "media"])
  name     = each.key
  acl      = var.acl
}

resource "terraform_data" "direct" {
  count = 2
  input = {
    acl  = "public-read"
    tags = ["a", "b"]
  }
}

resource "terraform_data" "later" {
  input = terraform_data.direct[0].id
}

resource "terraform_data" "rules" {
  input            = var.names
  triggers_replace = { open = true }
}

variable "names" {
  default = ["a"]
}
