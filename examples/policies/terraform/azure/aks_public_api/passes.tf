resource "azurerm_kubernetes_cluster" "shop" {
  name                    = "shop"
  local_account_disabled  = true
  private_cluster_enabled = true
}
