resource "azurerm_kubernetes_cluster" "shop" {
  name                    = "shop"
  private_cluster_enabled = true
  local_account_disabled  = true
}
