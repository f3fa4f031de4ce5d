namespace MsVit.MLNet;

/// <summary>The learning rate as a pure function of the step: a run that is resumed needs nothing else.</summary>
internal interface ILearningRateSchedule
{
    /// <summary>The rate of a step, counted from 0; beyond the end it stays at the minimum.</summary>
    double At(long step);
}
