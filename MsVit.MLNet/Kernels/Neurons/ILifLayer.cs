using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>A layer of LIF or PLIF neurons, for passes that compute more than the neurons at once.</summary>
internal interface ILifLayer
{
    /// <summary>The layer's constants.</summary>
    LifDynamics Dynamics { get; }

    /// <summary>PLIF's learned scalar, or null for LIF.</summary>
    Tensor? W { get; }
}
