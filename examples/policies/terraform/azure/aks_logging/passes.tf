resource "azurerm_kubernetes_cluster" "shop" {
  name                    = "shop"
  private_cluster_enabled = true

  oms_agent {
    log_analytics_workspace_id = var.workspace
  }
}
