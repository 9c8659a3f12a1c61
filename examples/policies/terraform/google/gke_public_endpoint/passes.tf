resource "google_container_cluster" "shop" {
  name     = "shop"
  location = "europe-west3"

  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = true
  }

  database_encryption {
    state    = "ENCRYPTED"
    key_name = var.key
  }
}
