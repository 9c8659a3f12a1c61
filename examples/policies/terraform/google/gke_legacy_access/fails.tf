resource "google_container_cluster" "shop" {
  name               = "shop"
  location           = "europe-west3"
  enable_legacy_abac = true
}
