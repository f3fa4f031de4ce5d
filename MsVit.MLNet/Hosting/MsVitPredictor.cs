using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.ML.Data;
using MsVit.MLNet.Events;

namespace MsVit.MLNet.Hosting;

/// <summary>Accepts requests, fits them to the network's input on the thread pool, and waits for their batch.</summary>
internal sealed class MsVitPredictor(string name, MsVitServingOptions options, ServingMetrics metrics, ILogger<MsVitPredictor> logger)
    : IMsVitPredictor, IDisposable, IAsyncDisposable
{
    private static readonly PredictionSettings Default = new();

    // Decoding takes memory, so there are at most as many at a time as there are cores.
    private readonly SemaphoreSlim _decoders = new(Environment.ProcessorCount);
    private ModelWorker? _worker;
    private bool _disposed;

    /// <summary>The name of the model in metrics and logs.</summary>
    public string Name { get; } = name.Length == 0 ? "default" : name;

    /// <summary>How the model is served.</summary>
    public MsVitServingOptions Options => options;

    /// <summary>The metrics.</summary>
    public ServingMetrics Metrics => metrics;

    /// <summary>The current worker; null before the host has started and after it has stopped.</summary>
    public ModelWorker? Worker => Volatile.Read(ref _worker);

    /// <summary>Why the current file could not be loaded; null if it is served.</summary>
    public string? ReloadError { get; set; }

    /// <inheritdoc/>
    public ServedModelInfo Model => (Alive() ?? throw NotRunning()).Model.Info;

    /// <inheritdoc/>
    public PredictionRefusedException? Refusal => Alive() is not { } worker ? NotRunning()
        : TooLong(worker) ?? (worker.Queue.Pending >= options.QueueCapacity ? Full(worker) : null);

    /// <inheritdoc/>
    public Task<MsVitPrediction> PredictAsync(
        ReadOnlyMemory<byte> image, PredictionSettings? settings = null, CancellationToken cancellationToken = default) =>
        Predict((model, _) =>
        {
            CheckSize(image.Length);
            return model.Fit(image.Span, "The image");
        }, settings, cancellationToken);

    /// <inheritdoc/>
    public Task<MsVitPrediction> PredictAsync(
        MLImage image, PredictionSettings? settings = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Predict((model, _) => model.Fit(MLImagePixels.ToRgb(image)), settings, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<MsVitPrediction> PredictAsync(
        EventClip clip, PredictionSettings? settings = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(clip);
        return Predict((model, token) =>
        {
            if (clip.Bytes > options.MaxBytes)
            {
                throw new EventFormatException(clip.Name, "size", $"it has {clip.Bytes} bytes; at most {options.MaxBytes} are accepted.");
            }
            return model.Fit(clip, token);
        }, settings, cancellationToken);
    }

    /// <summary>Loads a file and sends new requests to it; the old model still answers those that it accepted.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The previous worker, to dispose; null if there was none.</returns>
    public ModelWorker? Load(string path) => Serve(ModelLoader.Load(path, options));

    /// <summary>Sends new requests to a model.</summary>
    /// <returns>The previous worker, to dispose; null if there was none.</returns>
    public ModelWorker? Serve(ServedModel model) =>
        Interlocked.Exchange(ref _worker, new ModelWorker(model, Name, options, metrics, logger));

    /// <summary>Stops accepting requests and answers the accepted ones.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _worker, null) is { } worker)
        {
            await worker.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _disposed, true);
        await StopAsync().ConfigureAwait(false);
    }

    // A predictor that outlives its application is a bug of the caller; one of an application that is stopping is not.
    private ModelWorker? Alive()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        return Worker;
    }

    private async Task<MsVitPrediction> Predict(
        Func<ServedModel, CancellationToken, byte[]> fit, PredictionSettings? settings, CancellationToken cancellationToken)
    {
        var wanted = settings ?? Default;
        ArgumentOutOfRangeException.ThrowIfLessThan(wanted.Top, 1, nameof(settings));
        var start = Stopwatch.GetTimestamp();
        using var activity = ServingMetrics.Activities.StartActivity("msvit.predict");
        activity?.SetTag("msvit.model", Name);
        var outcome = "failed";
        try
        {
            var prediction = await Accepted(fit, wanted, cancellationToken).ConfigureAwait(false);
            activity?.SetTag("msvit.model.version", prediction.ModelVersion);
            outcome = "ok";
            return prediction;
        }
        catch (Exception e)
        {
            outcome = Outcome(e);
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
        finally
        {
            metrics.Answered(Name, outcome, Stopwatch.GetElapsedTime(start));
        }
    }

    private async Task<MsVitPrediction> Accepted(
        Func<ServedModel, CancellationToken, byte[]> fit, PredictionSettings settings, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var worker = Enter();
        PredictionJob? job = null;
        metrics.Accepted(Name);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ending.CancelAfter(options.Deadline);
        var deadline = Environment.TickCount64 + (long)options.Deadline.TotalMilliseconds;
        try
        {
            if (settings.Insight)
            {
                worker.Model.CheckInspects();
            }
            var sample = await Fit(worker.Model, fit, ending.Token).ConfigureAwait(false);
            job = new(sample, settings.Insight, deadline);
            worker.Queue.Add(job);
            var (probabilities, insight) = await job.Answer.WaitAsync(ending.Token).ConfigureAwait(false);
            var frames = insight is null ? null : worker.Model.Frames(sample);
            return MsVitPrediction.Of(probabilities, worker.Model.Info, settings, insight, frames);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && ending.IsCancellationRequested)
        {
            throw new PredictionRefusedException(
                PredictionRefusal.DeadlineExceeded,
                $"The request was not answered within {options.Deadline.TotalSeconds:0.###} seconds. Try again later, or send less data.",
                worker.ExpectedWait);
        }
        finally
        {
            worker.Queue.Leave(job);
            metrics.Left(Name);
        }
    }

    // If the worker was replaced meanwhile, its queue is closed and the new worker is already there.
    private ModelWorker Enter()
    {
        while (true)
        {
            var worker = Alive() ?? throw NotRunning();
            if (TooLong(worker) is { } refusal)
            {
                throw refusal;
            }
            switch (worker.Queue.Enter())
            {
                case QueuePlace.Taken:
                    return worker;
                case QueuePlace.Full:
                    throw Full(worker);
                case QueuePlace.Closed when Worker == worker:
                    throw NotRunning();
            }
        }
    }

    private PredictionRefusedException? TooLong(ModelWorker worker) => worker.ExpectedWait is var wait && wait > options.Deadline
        ? Overloaded($"{worker.Queue.Pending} requests are waiting, which takes about {wait.TotalSeconds:0.#} seconds; "
            + $"the deadline is {options.Deadline.TotalSeconds:0.###}.", wait)
        : null;

    private PredictionRefusedException Full(ModelWorker worker) =>
        Overloaded($"the queue is full with {options.QueueCapacity} requests.", worker.ExpectedWait);

    private async Task<byte[]> Fit(ServedModel model, Func<ServedModel, CancellationToken, byte[]> fit, CancellationToken cancellationToken)
    {
        await _decoders.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => fit(model, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _decoders.Release();
        }
    }

    private void CheckSize(int length)
    {
        if (length > options.MaxBytes)
        {
            throw new UndecodableImageException("The image", $"It has {length} bytes; at most {options.MaxBytes} are accepted.");
        }
    }

    private static string Outcome(Exception e) => e switch
    {
        PredictionRefusedException { Refusal: PredictionRefusal.Overloaded } => "overloaded",
        PredictionRefusedException { Refusal: PredictionRefusal.DeadlineExceeded } => "deadline",
        PredictionRefusedException => "stopped",
        OperationCanceledException => "cancelled",
        FormatException or NotSupportedException or ArgumentException => "invalid",
        _ => "failed",
    };

    private static PredictionRefusedException Overloaded(string why, TimeSpan wait) => new(
        PredictionRefusal.Overloaded,
        $"The server is overloaded: {why} Try again later.",
        wait < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : wait);

    private PredictionRefusedException NotRunning() =>
        new(PredictionRefusal.NotRunning, $"The model '{Name}' is not loaded: the host has not started, or is stopping.");
}
