using System.Diagnostics;
using TorchSharp;

namespace MsVit.Trainer.Bench;

/// <summary>Times several variants in turn, round by round, so that what else the machine does hits all of them.</summary>
internal sealed class Measurement
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    // A variant finds the allocator and the caches as the one before left them, and its own only after a run.
    private static readonly TimeSpan LeastTurn = TimeSpan.FromSeconds(0.2);

    private readonly double[][] _seconds;

    private Measurement(double[][] seconds) => _seconds = seconds;

    /// <summary>Warms each variant up, then gives all of them a turn a round.</summary>
    public static Measurement Of(BenchmarkSettings settings, params Action[] variants)
    {
        if (settings.IsOnGpu)
        {
            variants = [.. variants.Select(ToItsEnd)];
        }
        foreach (var variant in variants)
        {
            Turn(variant, settings.Quick ? null : WarmUp);
        }
        var seconds = variants.Select(_ => new double[settings.Rounds]).ToArray();
        for (var round = 0; round < settings.Rounds; round++)
        {
            foreach (var (i, variant) in variants.Index())
            {
                seconds[i][round] = Turn(variant, settings.Quick ? null : LeastTurn);
            }
        }
        return new(seconds);
    }

    // A GPU's work is only asked for where the call returns.
    private static Action ToItsEnd(Action variant) => () =>
    {
        variant();
        torch.cuda.synchronize();
    };

    /// <summary>The median time of a variant.</summary>
    public double Seconds(int variant) => Median(_seconds[variant]);

    /// <summary>The median over the rounds of how many times as long one variant took as another.</summary>
    public double Ratio(int variant, int to) => Median([.. _seconds[variant].Zip(_seconds[to], (a, b) => a / b)]);

    // Runs a variant once and, unless once is enough, again and for so long; the median time of a run, the first one not counted.
    private static double Turn(Action variant, TimeSpan? least)
    {
        var first = Time(variant);
        if (least is null)
        {
            return first;
        }
        var seconds = new List<double>();
        var turn = Stopwatch.StartNew();
        do
        {
            seconds.Add(Time(variant));
        }
        while (turn.Elapsed < least);
        return Median(seconds);
    }

    private static double Time(Action variant)
    {
        var start = Stopwatch.GetTimestamp();
        variant();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The middle value, or the mean of the two in the middle.</summary>
    internal static double Median(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
