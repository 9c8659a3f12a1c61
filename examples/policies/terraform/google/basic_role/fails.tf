resource "google_project_iam_member" "deployer" {
  project = "shop"
  role    = "roles/editor"
  member  = "serviceAccount:deployer@shop.iam.gserviceaccount.com"
}
