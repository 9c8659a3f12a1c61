# What `cosign verify --output json` prints, one file for each image, as kpolicy's data. A field that cosign does not give
# is an empty text: then a policy that asks for an issuer, a subject or a time does not accept the signature.
{
  params: {
    images: {
      signed: {
        signatures: [
          .[][] | {
            digest: .critical.image["docker-manifest-digest"],
            issuer: (.optional.Issuer // ""),
            subject: (.optional.Subject // ""),
            time: (.optional.Bundle.Payload.integratedTime | if . then todate else "" end)
          }
        ]
      }
    }
  }
}
