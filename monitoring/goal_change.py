"""How far the goals of a case have moved: the mean of the first and of the last scores (0 to 10) of its goals."""

# A goal counts when it was scored and scored again. Parameter: %(day)s, the last day that counts.
GOAL_CHANGE = """
SELECT plan.case_id, count(*) AS goals, avg(coalesce(goal.baseline, s.first)) AS first, avg(s.last) AS last
FROM cases_plan plan
JOIN cases_goal goal ON goal.plan_id = plan.id
JOIN LATERAL (
    SELECT (array_agg(score.score ORDER BY score.scored_on, score.created_at))[1] AS first,
           (array_agg(score.score ORDER BY score.scored_on DESC, score.created_at DESC))[1] AS last,
           count(*) AS times, count(score.contact_id) AS at_contacts
    FROM cases_goalscore score WHERE score.goal_id = goal.id AND score.scored_on <= %(day)s
) s ON s.times > 1 OR goal.baseline IS NOT NULL AND s.at_contacts > 0
GROUP BY plan.case_id
"""
