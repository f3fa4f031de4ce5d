namespace MsVit.MLNet.Analysis;

/// <summary>Where a block attends to: how often the attention's neurons fire at each place of the image.</summary>
/// <param name="Block">Its state-dict path, for example stage1.0.</param>
/// <param name="Height">Rows of tokens.</param>
/// <param name="Width">Columns of tokens.</param>
/// <param name="Rates">Row by row, the mean over time steps and heads or channels, 0 to 1.</param>
public sealed record AttentionMap(string Block, int Height, int Width, IReadOnlyList<float> Rates);
