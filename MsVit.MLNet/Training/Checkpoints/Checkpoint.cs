namespace MsVit.MLNet;

/// <summary>A whole checkpoint that was read; it owns its tensors.</summary>
/// <param name="State">Where the run stood.</param>
/// <param name="Tensors">Weights, optimizer and averages.</param>
/// <param name="Best">The best epoch's weights; null before there is one.</param>
/// <param name="BestFile">The file that those are in.</param>
internal sealed record Checkpoint(RunState State, SafetensorsFile Tensors, SafetensorsFile? Best, TensorFile? BestFile) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Tensors.Dispose();
        Best?.Dispose();
    }
}
