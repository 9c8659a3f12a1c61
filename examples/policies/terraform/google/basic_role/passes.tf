resource "google_project_iam_member" "deployer" {
  project = "shop"
  role    = "roles/run.developer"
  member  = "serviceAccount:deployer@shop.iam.gserviceaccount.com"
}
