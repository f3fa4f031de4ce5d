namespace MsVit.MLNet;

/// <summary>The parts of a step around the network's forward pass.</summary>
internal enum StepPart
{
    /// <summary>Saving the running statistics, and restoring them if the step is skipped.</summary>
    Statistics,

    /// <summary>The batch on its way to the device.</summary>
    Input,

    /// <summary>The loss. The backward pass follows.</summary>
    Loss,

    /// <summary>The sums of losses and of correct samples.</summary>
    Sums,

    /// <summary>Joining the gradients.</summary>
    Gradients,

    /// <summary>The norm of the gradients and the factor that limits it.</summary>
    Clipping,

    /// <summary>Where the loss or a gradient is not finite.</summary>
    Finiteness,

    /// <summary>The update of the weights.</summary>
    Optimizer,

    /// <summary>The average of the weights.</summary>
    Average,
}
