using TorchSharp;

namespace MsVit.MLNet;

/// <summary>Tensors by name, and the metadata stored beside them. It owns the tensors, which are on the CPU.</summary>
internal sealed class SafetensorsFile(IReadOnlyDictionary<string, torch.Tensor> tensors, IReadOnlyDictionary<string, string> metadata)
    : IDisposable
{
    public IReadOnlyDictionary<string, torch.Tensor> Tensors { get; } = tensors;

    public IReadOnlyDictionary<string, string> Metadata { get; } = metadata;

    public void Dispose()
    {
        foreach (var tensor in Tensors.Values)
        {
            tensor.Dispose();
        }
    }
}
