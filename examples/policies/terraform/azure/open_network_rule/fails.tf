resource "azurerm_network_security_rule" "ssh" {
  name                   = "ssh"
  priority               = 100
  direction              = "Inbound"
  access                 = "Allow"
  protocol               = "Tcp"
  source_address_prefix  = "*"
  destination_port_range = "22"
}
