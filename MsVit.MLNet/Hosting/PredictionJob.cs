using MsVit.MLNet.Analysis;

namespace MsVit.MLNet.Hosting;

/// <summary>A sample that waits to be computed, and its answer.</summary>
/// <param name="sample">The sample, fitted to the network's input.</param>
/// <param name="inspects">Whether to report what happens inside the network.</param>
/// <param name="deadline">In milliseconds of <see cref="Environment.TickCount64"/>.</param>
internal sealed class PredictionJob(byte[] sample, bool inspects, long deadline)
{
    private readonly TaskCompletionSource<(float[] Probabilities, SampleInsight? Insight)> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public byte[] Sample => sample;

    public bool Inspects => inspects;

    /// <summary>The time after which nobody waits for the answer, in milliseconds of <see cref="Environment.TickCount64"/>.</summary>
    public long Deadline => deadline;

    /// <summary>When the job was queued, in milliseconds of <see cref="Environment.TickCount64"/>.</summary>
    public long QueuedAt { get; set; }

    /// <summary>The answer. The caller stops waiting at the deadline by itself.</summary>
    public Task<(float[] Probabilities, SampleInsight? Insight)> Answer => _answer.Task;

    public void Succeed(float[] probabilities, SampleInsight? insight) => _ = _answer.TrySetResult((probabilities, insight));

    public void Fail(Exception error) => _ = _answer.TrySetException(error);
}
