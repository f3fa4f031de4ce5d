using static TorchSharp.torch;

namespace MsVit.Trainer.Bench;

/// <summary>Sets torch's number of threads until it is disposed of.</summary>
internal sealed class ThreadScope : IDisposable
{
    private readonly int _before = get_num_threads();

    /// <param name="count">How many; null leaves them as they are.</param>
    public ThreadScope(int? count)
    {
        if (count is { } threads)
        {
            set_num_threads(threads);
        }
    }

    public void Dispose() => set_num_threads(_before);
}
