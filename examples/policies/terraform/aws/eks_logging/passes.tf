resource "aws_eks_cluster" "shop" {
  name                      = "shop"
  role_arn                  = var.role
  enabled_cluster_log_types = ["api", "audit", "authenticator"]
}
