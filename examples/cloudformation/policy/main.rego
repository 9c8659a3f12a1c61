package main

import rego.v1

deny contains msg if {
	some name, resource in input.Resources
	resource.Type == "AWS::S3::Bucket"
	not resource.Properties.PublicAccessBlockConfiguration.BlockPublicAcls == true
	msg := sprintf("bucket %s does not block public access", [name])
}

deny contains msg if {
	some name, resource in input.Resources
	resource.Type == "AWS::EC2::SecurityGroup"
	some rule in resource.Properties.SecurityGroupIngress
	rule.CidrIp == "0.0.0.0/0"
	msg := sprintf("security group %s is open to all", [name])
}
