resource "google_container_cluster" "shop" {
  name     = "shop"
  location = "europe-west3"

  database_encryption {
    state    = "ENCRYPTED"
    key_name = var.key
  }
}
