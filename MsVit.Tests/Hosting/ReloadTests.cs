using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using MsVit.MLNet.Hosting;

namespace MsVit.Tests.Hosting;

public sealed class ReloadTests(ServedDots dots) : IClassFixture<ServedDots>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Replacing_the_file_under_load_loses_no_request_and_each_is_answered_by_the_model_that_it_names()
    {
        var path = Path.Combine(dots.Folder, "served.zip");
        File.Copy(dots.First, path, overwrite: true);
        using var host = await Start(path);
        var predictor = host.Services.GetRequiredService<IMsVitPredictor>();
        var first = predictor.Model.Version;
        var answers = new ConcurrentQueue<(int Image, MsVitPrediction Prediction)>();
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(client => Task.Run(async () =>
        {
            for (var i = client; !stop.IsCancellationRequested; i = (i + 1) % dots.Images.Count)
            {
                answers.Enqueue((i, await predictor.PredictAsync(dots.Images[i])));
            }
        })).ToArray();
        string? second = null;
        for (var round = 0; round < 4; round++)
        {
            var before = predictor.Model.Version;
            Replace(round % 2 == 0 ? dots.Second : dots.First, path);
            await Until(() => predictor.Model.Version != before);
            second ??= predictor.Model.Version;
        }
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        Assert.Equal([first, second!], answers.Select(answer => answer.Prediction.ModelVersion).Distinct()
            .OrderBy(version => version != first));
        Assert.All(answers, answer => PredictorTests.AssertClose(
            (answer.Prediction.ModelVersion == first ? dots.Expected : dots.ExpectedOfSecond)[answer.Image],
                answer.Prediction.Probabilities));
    }

    [Fact]
    public async Task A_bad_new_file_leaves_the_old_model_serving_and_is_reported_until_a_good_one_comes()
    {
        var path = Path.Combine(dots.Folder, "bad.zip");
        File.Copy(dots.First, path, overwrite: true);
        using var host = await Start(path);
        var predictor = host.Services.GetRequiredService<IMsVitPredictor>();
        var health = host.Services.GetRequiredService<HealthCheckService>();
        var before = predictor.Model.Version;
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync()).Status);

        File.WriteAllText(path, "not a model");
        await UntilAsync(async () => (await health.CheckHealthAsync()).Status == HealthStatus.Degraded);
        var ready = (await health.CheckHealthAsync()).Entries["msvit-ready"];
        Assert.Contains("bad.zip cannot be loaded as a model", ready.Description, StringComparison.Ordinal);
        Assert.Equal(before, (await predictor.PredictAsync(dots.Images[0])).ModelVersion);

        Replace(dots.Second, path);
        await UntilAsync(async () => (await health.CheckHealthAsync()).Status == HealthStatus.Healthy);
        Assert.NotEqual(before, predictor.Model.Version);

        await host.StopAsync();
        var stopped = await health.CheckHealthAsync();
        Assert.Equal(HealthStatus.Unhealthy, stopped.Entries["msvit-ready"].Status);
        Assert.Equal(HealthStatus.Healthy, stopped.Entries["msvit-live"].Status);
    }

    private static Task<IHost> Start(string path) => ServedDots.Start(
        options => (options.ModelPath, options.ReloadInterval) = (path, TimeSpan.FromMilliseconds(100)),
        services => services.AddHealthChecks().AddMsVit());

    // As a deployment does it: the whole file under another name, then renamed.
    private static void Replace(string source, string path)
    {
        File.Copy(source, path + ".new", overwrite: true);
        File.SetLastWriteTimeUtc(path + ".new", DateTime.UtcNow);
        File.Move(path + ".new", path, overwrite: true);
    }

    private static Task Until(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var end = DateTime.UtcNow + Patience;
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow < end, "The condition did not come true.");
            await Task.Delay(20);
        }
    }
}
