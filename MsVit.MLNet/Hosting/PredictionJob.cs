using MsVit.MLNet.Analysis;

namespace MsVit.MLNet.Hosting;

/// <summary>A sample that waits to be computed, and its answer.</summary>
/// <param name="sample">As the network takes it.</param>
/// <param name="inspects">Whether to look into the network.</param>
/// <param name="deadline">Of <see cref="Environment.TickCount64"/>.</param>
internal sealed class PredictionJob(byte[] sample, bool inspects, long deadline)
{
    private readonly TaskCompletionSource<(float[] Probabilities, SampleInsight? Insight)> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public byte[] Sample => sample;

    public bool Inspects => inspects;

    /// <summary>When it is too late, in milliseconds of <see cref="Environment.TickCount64"/>.</summary>
    public long Deadline => deadline;

    /// <summary>When it began to wait for its batch, in milliseconds.</summary>
    public long QueuedAt { get; set; }

    /// <summary>The answer; who waits gives up by itself at the deadline.</summary>
    public Task<(float[] Probabilities, SampleInsight? Insight)> Answer => _answer.Task;

    public void Succeed(float[] probabilities, SampleInsight? insight) => _ = _answer.TrySetResult((probabilities, insight));

    public void Fail(Exception fault) => _ = _answer.TrySetException(fault);
}
