resource "aws_eks_cluster" "shop" {
  name     = "shop"
  role_arn = var.role

  vpc_config {
    subnet_ids              = var.subnets
    endpoint_private_access = true
    endpoint_public_access  = false
  }
}
