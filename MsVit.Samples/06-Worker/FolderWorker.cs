using Microsoft.Extensions.Options;
using MsVit.MLNet;
using MsVit.MLNet.Hosting;

namespace MsVit.Samples.Worker;

/// <summary>Watches a folder and classifies each new file once.</summary>
internal sealed partial class FolderWorker(
    IMsVitPredictor predictor, IOptions<FolderWorkerOptions> options, IHostApplicationLifetime lifetime, ILogger<FolderWorker> logger)
    : BackgroundService
{
    // How many files are classified at the same time: enough to fill a batch.
    private const int AtOnce = 16;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var log = new PredictionLog(options.Value.Output);
            await Watch(log, stoppingToken);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            LogFailed(logger, e.Message);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
    }

    private async Task Watch(PredictionLog log, CancellationToken stoppingToken)
    {
        HashSet<string> seen = [];
        while (!stoppingToken.IsCancellationRequested)
        {
            var files = FileEntry.In(options.Value.Folder).Where(file => !log.Has(file)).ToArray();
            // A file that is new or changed since the last check may still be being copied.
            var whole = files.Where(file => seen.Contains(file.Key)).ToArray();
            foreach (var some in whole.Chunk(AtOnce).TakeWhile(_ => !stoppingToken.IsCancellationRequested))
            {
                var lines = await Task.WhenAll(some.Select(Predict));
                var (done, bad) = (0, 0);
                foreach (var (file, line) in some.Zip(lines).Where(item => item.Second is not null))
                {
                    log.Add(file, line!);
                    done++;
                    bad += line!.Error is null ? 0 : 1;
                }
                LogDone(logger, done, bad);
            }
            if (options.Value.Once && files.Length == whole.Length)
            {
                lifetime.StopApplication();
                return;
            }
            seen = [.. files.Select(file => file.Key)];
            try
            {
                await Task.Delay(Interval, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    // Not canceled with the host: started files are finished, and the model waits for them. Null if the file must be tried again.
    private async Task<PredictionLine?> Predict(FileEntry file)
    {
        var path = Path.Combine(options.Value.Folder, file.Name);
        var line = new PredictionLine { File = file.Name, Length = file.Length, Changed = file.Changed };
        try
        {
            var prediction = predictor.Model.Network.Input == InputKind.Frames
                ? await predictor.PredictAsync(EventClip.FromFile(path))
                : await predictor.PredictAsync(await File.ReadAllBytesAsync(path));
            return line with { Label = prediction.Label, Probability = prediction.Probability, ModelVersion = prediction.ModelVersion };
        }
        catch (PredictionRefusedException e)
        {
            LogLater(logger, file.Name, e.Message);
            return null;
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            return line with { Error = e.Message };
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Classified {Count} files; {Bad} of them could not be read.")]
    private static partial void LogDone(ILogger logger, int count, int bad);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File} will be tried again later: {Reason}")]
    private static partial void LogLater(ILogger logger, string file, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
