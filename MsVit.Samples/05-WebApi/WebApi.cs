using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.FileProviders;
using MsVit.MLNet.Hosting;
using OpenTelemetry.Metrics;

namespace MsVit.Samples.WebApi;

/// <summary>The application: services, limits, endpoints.</summary>
internal static class WebApi
{
    /// <summary>The largest upload in bytes.</summary>
    public const int MaxBody = 16 << 20;

    /// <summary>Creates the application; the caller runs it.</summary>
    /// <param name="model">The full path of the model; other options come from the section MsVit of the configuration.</param>
    /// <param name="urls">The addresses to listen on.</param>
    public static WebApplication Create(string model, string urls)
    {
        // Slim leaves out IIS, HTTP/3 and the debugger's loggers, for a shorter start.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(urls).UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            // Kestrel rejects slow clients, huge headers and too many connections.
            kestrel.Limits.MaxRequestBodySize = MaxBody;
            kestrel.Limits.MaxConcurrentConnections = 1_000;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.AddServerHeader = false;
        });
        builder.Services.AddMsVit(builder.Configuration.GetSection("MsVit"));
        builder.Services.AddMsVit(options => options.ModelPath = model);
        builder.Services.AddHealthChecks().AddMsVit();
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter("MsVit", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
            .AddPrometheusExporter());
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.AddOpenApi();
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<ProblemHandler>();
        builder.Services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new() { Timeout = TimeSpan.FromSeconds(30) });
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, AnswerJson.Default));

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use((context, next) =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy =
                "default-src 'self'; img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
            headers.XContentTypeOptions = "nosniff";
            return next(context);
        });
        var page = new PhysicalFileProvider(Path.Combine(AppContext.BaseDirectory, "wwwroot"));
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = page }).UseStaticFiles(new StaticFileOptions { FileProvider = page });
        app.UseRequestTimeouts();
        PredictionEndpoints.Map(app);
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = check => check.Tags.Contains("live") });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
        app.MapPrometheusScrapingEndpoint("/metrics");
        app.MapOpenApi();
        return app;
    }
}
