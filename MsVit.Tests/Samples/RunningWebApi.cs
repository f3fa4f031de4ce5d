using Microsoft.AspNetCore.Builder;
using MsVit.Samples.WebApi;
using MsVit.Tests.Hosting;

namespace MsVit.Tests.Samples;

/// <summary>The sample, listening on a free port, with a model of one class of task.</summary>
public sealed class RunningWebApi : IAsyncLifetime
{
    private WebApplication? _app;

    public ServedDots Dots { get; } = new();

    public HttpClient Client { get; private set; } = new();

    public Uri Address => Client.BaseAddress!;

    public async Task InitializeAsync()
    {
        _app = WebApi.Create(Dots.First, "http://127.0.0.1:0");
        await _app.StartAsync();
        Client = new() { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await _app!.DisposeAsync();
        Dots.Dispose();
    }
}
