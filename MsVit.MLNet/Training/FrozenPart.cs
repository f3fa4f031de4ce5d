using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The stages of a network, counted from its input, that training leaves as they are, with the embeddings before them.</summary>
internal sealed class FrozenPart
{
    private readonly nn.Module[] _parts;

    /// <param name="network">Whose parameters of those stages no longer want gradients.</param>
    /// <param name="stages">How many; at most as many as the network has.</param>
    public FrozenPart(MsVitNetwork network, int stages)
    {
        var names = Enumerable.Range(1, stages).SelectMany(stage => (string[])[$"patch_embed{stage}", $"stage{stage}"]).ToHashSet(StringComparer.Ordinal);
        _parts = [.. network.named_children().Where(child => names.Contains(child.name)).Select(child => child.module)];
        foreach (var parameter in _parts.SelectMany(part => part.parameters()))
        {
            parameter.requires_grad = false;
        }
    }

    /// <summary>Puts those stages back into evaluation mode, so that their statistics stay; after the network was put into training mode.</summary>
    public void Hold()
    {
        foreach (var part in _parts)
        {
            part.eval();
        }
    }
}
