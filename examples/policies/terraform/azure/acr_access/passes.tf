resource "azurerm_container_registry" "shop" {
  name          = "shop"
  sku           = "Premium"
  admin_enabled = false
}
