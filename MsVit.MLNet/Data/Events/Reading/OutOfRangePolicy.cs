namespace MsVit.MLNet.Events;

/// <summary>What to do with an event outside the sensor.</summary>
public enum OutOfRangePolicy
{
    /// <summary>Stop with an error that names the file and the place.</summary>
    Refuse,

    /// <summary>Leave the event out and count it in <see cref="EventTally.OutsideSensor"/>.</summary>
    Drop,
}
