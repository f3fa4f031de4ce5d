namespace MsVit.MLNet.Events;

/// <summary>What the user can do about a recording that cannot be read as it is.</summary>
internal static class ReadingRemedies
{
    public static Remedy GiveFormat { get; } = new("If you know the format", RemedyOption.Format);

    public static Remedy GiveCamera { get; } = new("If the address bits are those of one of them", RemedyOption.Camera);

    public static Remedy OtherCamera { get; } = new("If it is from another camera", RemedyOption.Camera);

    public static Remedy GiveColumns { get; } = new("If the order of the columns is different", RemedyOption.Columns);

    public static Remedy GiveTimeUnit { get; } = new("If times are in another unit", RemedyOption.TimeUnit);

    public static Remedy LargerSensor { get; } = new("If the sensor is larger", RemedyOption.Sensor);

    public static Remedy DropOutside { get; } =
        new("To skip events outside the sensor", RemedyOption.OutOfRange, nameof(OutOfRangePolicy.Drop));

    public static Remedy AcceptTruncated { get; } = new("To read the events before that", RemedyOption.AcceptTruncated, "true");

    public static Remedy UprightAxes { get; } = new("To read it upright", RemedyOption.Axes, nameof(AedatAxes.Upright));

    public static Remedy NameColumns { get; } = new("To read it nevertheless", RemedyOption.Columns);

    public static Remedy TheseColumns(string order) => new("If so", RemedyOption.Columns, order);

    public static Remedy SmallerSensor(SensorSize size) => new(
        "To ignore those events",
        [new(RemedyOption.Sensor, size.ToString()), new(RemedyOption.OutOfRange, nameof(OutOfRangePolicy.Drop))]);
}
