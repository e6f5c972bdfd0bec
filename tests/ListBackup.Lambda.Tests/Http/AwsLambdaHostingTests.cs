using Amazon.Lambda.Serialization.SystemTextJson;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ListBackup.Lambda.Tests.Http;

[Collection("AWS_LAMBDA_RUNTIME_API")]
public sealed class AwsLambdaHostingTests
{
    [Fact]
    public async Task Outside_Lambda_the_same_program_is_a_web_server()
    {
        Environment.GetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API").ShouldBeNull();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddAWSLambdaHosting(LambdaEventSource.HttpApi, new SourceGeneratorLambdaJsonSerializer<GatewayJson>());
        await using var app = builder.Build();
        app.MapGet("/", () => "by socket");
        await app.StartAsync(TestContext.Current.CancellationToken);

        using var client = new HttpClient();
        var answer = await client.GetStringAsync(app.Urls.Single(), TestContext.Current.CancellationToken);

        answer.ShouldBe("by socket");
    }
}
