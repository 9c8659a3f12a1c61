resource "google_compute_firewall" "ssh" {
  name          = "ssh"
  network       = google_compute_network.shop.name
  source_ranges = ["10.20.0.0/16"]

  allow {
    protocol = "tcp"
    ports    = ["22"]
  }
}
