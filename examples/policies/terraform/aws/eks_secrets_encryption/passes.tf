resource "aws_eks_cluster" "shop" {
  name     = "shop"
  role_arn = var.role

  encryption_config {
    resources = ["secrets"]
    provider {
      key_arn = var.key
    }
  }
}
