using Microsoft.ML;
using MsVit.MLNet;

namespace MsVit.Trainer.Runs;

/// <summary>Trains as a rank other than rank 0, which says and saves everything.</summary>
internal static class TrainMember
{
    /// <summary>Trains.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(MLContext mlContext, TrainSettings settings)
    {
        // The launcher may pass a signal to all ranks or to this one. If one stops, all do.
        using var interrupt = new Interrupt(TextWriter.Null, "");
        settings.Options.CancellationToken = interrupt.Token;
        using var pipeline = new TrainPipeline(mlContext, settings, TextWriter.Null);
        var trained = pipeline.Fit();
        using var disposable = trained as IDisposable;
        if (IsStopped(settings.Options.Group, interrupt))
        {
            return ExitCode.Interrupted;
        }
        if (settings.Test is { } test)
        {
            _ = Measured.Of(mlContext, trained, test, settings.Options.Group);
        }
        return ExitCode.Success;
    }

    /// <summary>Whether any rank was told to stop. All ranks ask, after rank 0 has saved the model.</summary>
    public static bool IsStopped(RankGroup ranks, Interrupt interrupt)
    {
        ranks.WaitForFirst();
        return ranks.Any(interrupt.Token.IsCancellationRequested);
    }
}
