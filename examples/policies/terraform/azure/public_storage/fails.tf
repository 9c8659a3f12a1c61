resource "azurerm_storage_container" "site" {
  name                  = "site"
  storage_account_id    = azurerm_storage_account.shop.id
  container_access_type = "blob"
}
