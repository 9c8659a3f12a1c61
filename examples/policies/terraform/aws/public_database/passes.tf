resource "aws_db_instance" "shop" {
  instance_class      = "db.t4g.micro"
  storage_encrypted   = true
  publicly_accessible = false
}
