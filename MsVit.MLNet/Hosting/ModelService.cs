using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MsVit.MLNet.Hosting;

/// <summary>Starts a model with the host, follows its file, and stops it with the host.</summary>
internal sealed partial class ModelService(MsVitPredictor predictor, IHostEnvironment environment, ILogger<MsVitPredictor> logger) : BackgroundService
{
    private readonly string _path = Path.GetFullPath(predictor.Options.ModelPath, environment.ContentRootPath);
    private readonly List<Task> _leaving = [];
    private FileStamp _loaded;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        _loaded = FileStamp.Of(_path) ?? throw new FileNotFoundException($"There is no model file {_path}; ModelPath names it.", _path);
        await Task.Run(() => predictor.Load(_path), cancellationToken).ConfigureAwait(false);
        LogLoaded(logger, predictor.Name, predictor.Model.Version, _path);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        // Requests that were accepted are answered for as long as the host waits.
        await Task.WhenAll([.. _leaving, predictor.StopAsync()]).WaitAsync(cancellationToken).ConfigureAwait(false);
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
        while (await Next(timer, stoppingToken).ConfigureAwait(false))
        {
            _leaving.RemoveAll(task => task.IsCompletedSuccessfully);
            // A file that changed since the last look is perhaps still being written.
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

    private static async Task<bool> Next(PeriodicTimer timer, CancellationToken stoppingToken)
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
                _leaving.Add(replaced.DisposeAsync().AsTask());
            }
            predictor.ReloadFault = null;
            predictor.Metrics.Reloaded(predictor.Name, isGood: true);
            LogLoaded(logger, predictor.Name, predictor.Model.Version, _path);
        }
#pragma warning disable CA1031 // Whatever is wrong with the new file, the old model goes on serving.
        catch (Exception e)
#pragma warning restore CA1031
        {
            predictor.ReloadFault = e.Message;
            predictor.Metrics.Reloaded(predictor.Name, isGood: false);
            LogKept(logger, predictor.Name, _path, predictor.Model.Version, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "MsVit {Model}: version {Version} of {Path} is loaded.")]
    private static partial void LogLoaded(ILogger logger, string model, string version, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "MsVit {Model}: the new {Path} cannot be loaded; version {Version} goes on serving.")]
    private static partial void LogKept(ILogger logger, string model, string path, string version, Exception fault);
}
