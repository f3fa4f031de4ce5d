using TorchSharp;

namespace MsVit.Tests.Network.Neurons.Cuda;

/// <summary>A fact about a GPU; skipped, saying so, where torch sees none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsCudaFactAttribute : FactAttribute
{
    public NeedsCudaFactAttribute() => Skip = torch.cuda.is_available()
        ? null
        : "Needs a CUDA GPU, its driver, and -p:TorchBackend=cuda-linux or cuda-windows: torch sees no GPU.";
}
