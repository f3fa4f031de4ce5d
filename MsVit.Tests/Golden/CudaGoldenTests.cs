using MsVit.MLNet;
using MsVit.Tests.Kernels.Cuda;
using TorchSharp;

namespace MsVit.Tests.Golden;

/// <summary>The recorded networks on a GPU, in full float32.</summary>
public sealed class CudaGoldenTests
{
    public static TheoryData<string> Cases => NetworkGoldenTests.Cases;

    [NeedsCudaTheory]
    [MemberData(nameof(Cases))]
    public void On_the_gpu_evaluation_gives_the_recorded_spikes_stages_and_logits(string label)
    {
        using var full = TensorFloat32.Allow(false, torch.CUDA);
        RecordedNetwork.CheckEvaluation(label, torch.CUDA);
    }

    [NeedsCudaTheory]
    [MemberData(nameof(Cases))]
    public void On_the_gpu_a_training_step_gives_the_recorded_loss_gradients_statistics_and_weights(string label)
    {
        using var full = TensorFloat32.Allow(false, torch.CUDA);
        RecordedNetwork.CheckTrainingStep(label, torch.CUDA);
    }
}
