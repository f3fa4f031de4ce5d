using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MsVit.MLNet.Hosting;

/// <summary>Starts a model with the host, reloads it when its file changes, and stops it with the host.</summary>
internal sealed partial class ModelService(MsVitPredictor predictor, IHostEnvironment environment, ILogger<MsVitPredictor> logger)
    : BackgroundService
{
    private readonly string _path = Path.GetFullPath(predictor.Options.ModelPath, environment.ContentRootPath);
    private readonly List<Task> _retiring = [];
    private FileStamp _loaded;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        _loaded = FileStamp.Of(_path) ?? throw new FileNotFoundException($"There is no model file {_path} (option ModelPath).", _path);
        await Task.Run(() => predictor.Load(_path), cancellationToken).ConfigureAwait(false);
        LogLoaded(logger, predictor.Name, predictor.Model.Version, _path);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        // Accepted requests are answered for as long as the host waits.
        await Task.WhenAll([.. _retiring, predictor.StopAsync()]).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!predictor.Options.ReloadOnChange)
        {
            return;
        }
        using var timer = new PeriodicTimer(predictor.Options.ReloadInterval);
        var (last, tried) = (_loaded, _loaded);
        while (await WaitForTick(timer, stoppingToken).ConfigureAwait(false))
        {
            _retiring.RemoveAll(task => task.IsCompletedSuccessfully);
            // A file that changed since the last check may still be being written.
            if (FileStamp.Of(_path) is not { } now || now != last)
            {
                last = FileStamp.Of(_path) ?? last;
                continue;
            }
            if (now != tried)
            {
                tried = now;
                await Task.Run(Reload, stoppingToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<bool> WaitForTick(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Reload()
    {
        try
        {
            if (predictor.Load(_path) is { } replaced)
            {
                _retiring.Add(replaced.DisposeAsync().AsTask());
            }
            predictor.ReloadError = null;
            predictor.Metrics.Reloaded(predictor.Name, isGood: true);
            LogLoaded(logger, predictor.Name, predictor.Model.Version, _path);
        }
#pragma warning disable CA1031 // Whatever is wrong with the new file, the old model keeps serving.
        catch (Exception e)
#pragma warning restore CA1031
        {
            predictor.ReloadError = e.Message;
            predictor.Metrics.Reloaded(predictor.Name, isGood: false);
            LogKept(logger, predictor.Name, _path, predictor.Model.Version, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "MsVit {Model}: loaded version {Version} of {Path}.")]
    private static partial void LogLoaded(ILogger logger, string model, string version, string path);

    [LoggerMessage(
        Level = LogLevel.Error, Message = "MsVit {Model}: the new {Path} could not be loaded; version {Version} is still served.")]
    private static partial void LogKept(ILogger logger, string model, string path, string version, Exception fault);
}
