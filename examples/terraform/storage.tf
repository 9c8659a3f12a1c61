resource "aws_s3_bucket" "logs" {
  bucket = "${var.prefix}-logs"
  acl    = "private"

  tags = {
    Team = "platform"
  }
}

resource "aws_s3_bucket" "site" {
  bucket = "${var.prefix}-site"
  acl    = "public-read"
}
