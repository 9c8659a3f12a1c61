variable "name" {}

variable "acl" {
  type = string
}

resource "terraform_data" "bucket" {
  input = {
    name = var.name
    acl  = var.acl
  }
  triggers_replace = [var.acl]
}
